"""The nouns, frozen: what is declared, what is planned, what is remembered, what a run leaves behind."""
