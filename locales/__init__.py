"""The catalogs: a folder a language, and the template they follow."""
