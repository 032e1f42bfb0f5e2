"""What can be found: the words of each message on a ticket, and every word that was ever written."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from ingest.models import Message


class SearchRow(models.Model):
    """One message on a ticket, by the stems of its words. Which ticket is asked of TicketMessage: it may change.

    Narrow on purpose: a search reads this table and its index, never the long rows of messages.
    """

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="+")
    # When it was said; what is found is shown by it, newest first.
    at = models.DateTimeField()
    # Stems with their places; brand and stretches of time as words of their own (tickets.listing.search.words).
    words = SearchVectorField()

    class Meta:
        # Without the list of pending entries, which every search would have to read through.
        indexes = [GinIndex(fields=["words"], name="search_words", fastupdate=False)]

    def __str__(self) -> str:
        return f"words of {self.message_id}"


class SearchWord(models.Model):
    """A word as it was written and the stem it is found by: a word half typed is completed here."""

    word = models.CharField(max_length=40, primary_key=True, db_collation="C")
    stem = models.CharField(max_length=40, db_collation="C")

    def __str__(self) -> str:
        return self.word
