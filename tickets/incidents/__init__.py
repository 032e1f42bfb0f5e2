"""Incidents: something outside care that many customers write about, its tickets, and what is told to all of them."""
