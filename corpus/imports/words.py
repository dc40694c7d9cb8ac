SEPARATOR = " "


def join_words(words: list[str]) -> str:
    return SEPARATOR.join(words)
