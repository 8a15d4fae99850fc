"""Who thinks? The supervisor graph, the persona graph, models, guards and budgets.

Nothing but this docstring may live here: other packages import `agents` to see whether openai-agents is installed.
"""
