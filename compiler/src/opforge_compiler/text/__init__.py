"""The text form of an IR: it reads like the program it came from.

    document -> grants, types, constants, functions and ops, each as lines of Python-like text

Names are the IR's own. Types, effect verbs and grants are shown; a comment marks what Python has no
word for (`# effect`, `carried`).
"""

from opforge_compiler.text.document import render_text

__all__ = ["render_text"]
