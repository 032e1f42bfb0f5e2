"""How tickets are found: lists, filters, orders, saved views, search, the palette."""
