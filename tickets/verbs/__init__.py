"""What people do with tickets, one by one and by the hundred, and how it is taken back."""
