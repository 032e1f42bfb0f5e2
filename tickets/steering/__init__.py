"""Which ticket goes to whom: rules and their conditions, teams, seats, people who come and go."""
