"""What is in a file that a stranger sent? Decoded in a process of its own, which `tools.incoming` starts and nobody else.

kinds: what it could be, by its first bytes. pictures, sounds, films, writings: what it is, by decoding it, and a clean copy.
"""
