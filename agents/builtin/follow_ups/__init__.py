"""What does a message mean after the one before? Answers, repetitions, corrections, and things that are pointed at.

    threads     where the conversation stands: what was done last, what was said to it
    taking_up   each kind is asked in its order: answers, others, singled, pointing, more_of_a_list, some_more, repetitions
    second_thoughts   a message that corrects itself is read half by half

`alterations` tells how a step takes a change, `joining` how a question of ours takes its answer. What is none of it is a
request of its own: `agents.builtin.reader`.
"""
