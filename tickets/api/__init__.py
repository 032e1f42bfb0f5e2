"""The API's addresses, and the work itself: tickets and what may be done with them."""
