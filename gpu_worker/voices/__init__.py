"""Voices: text read aloud by whoever can here. `speaking` does the job; `espeak` is a program of its own and loads none of it."""
