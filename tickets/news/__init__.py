"""How people hear of what happened: the live stream, presence, the bell, mails."""
