"""Words from which fictional schools and teachers are made: towns are real, schools and people are not."""
