"""Tests of the modules of bot/ and of the storage they stand on, each for itself."""
