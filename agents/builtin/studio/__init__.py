"""What operators say of pictures that are there or to be made, beyond what they show? English and German.

`pictures_meant` tells which picture is meant; `looks` what a picture is made of beside its words; `changes` what of one is to be
different; `motions` one set in motion; `house` what people do themselves, and what this machine has.
"""
