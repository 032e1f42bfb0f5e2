"""Where a valence (from -1 to 1) becomes a mood: one set of cuts for rows, tickets, filters and reports."""

# From STRONG down a reading is worth red, from POSITIVE up green; between them a list of complaints stays calm.
STRONG, NEGATIVE, POSITIVE = -0.6, -0.2, 0.2
# A difference smaller than this is the model's breath, not the customer's mood.
MOVED = 0.15


def mood_of(valence: float) -> str:
    """negative, neutral or positive."""
    if valence <= NEGATIVE:
        return "negative"
    return "positive" if valence >= POSITIVE else "neutral"
