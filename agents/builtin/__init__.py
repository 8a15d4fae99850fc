"""Who thinks when no language model is configured? Deterministic software: reading for operators, a voice for personas."""
