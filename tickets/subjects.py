"""What a ticket is called: the first words of the message that opened it."""


def subject_of(text: str) -> str:
    """The first words of a message, handles at its beginning left out."""
    words = text.split()
    while words and words[0].startswith("@"):
        words.pop(0)
    line = " ".join(words)
    return line if len(line) <= 90 else line[:88].rsplit(" ", 1)[0] + "…"
