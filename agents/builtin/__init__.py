"""Who thinks when no language model is configured? Deterministic software: reading for operators, a voice for personas.

What an operator writes goes down, and comes back up as steps or as a question:

    model            LangChain's face of all this
    carrying         one step of the plan after the other, and a reply at the end
    planner          what the last message comes to, after all before it
    follow_ups/      what it means after the one before: answers, repetitions, corrections, things pointed at
    reader           what it means by itself: cut into clauses (clauses, orders, gapping, dictation)
    drafting         each clause becomes steps: intents tells the capability, fillers what it is given, talking what is answered
    studio/          what is said of pictures that are there, and of what people do themselves
    accounting       and every word must have been of use, else it is asked
    desk             where the plan is put down; said is a text that is read, times/ what it says of time

A persona's words to a fan are `persona` and `speech/`.
"""
