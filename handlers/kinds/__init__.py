"""The kinds of answers that several flows ask for: places, subjects, languages, ages, schools, lines of words."""
