"""What strangers may send: samples of it, the same made odd, and a target for each part that reads it."""
