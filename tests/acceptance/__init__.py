"""The whole program as a process, with real clients, killed and restarted."""
