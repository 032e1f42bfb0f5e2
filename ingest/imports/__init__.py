"""History from files: formats that turn rows into posts, and the runner that stores them and accounts for every row."""
