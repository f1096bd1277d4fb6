"""Project, history and a clock become a plan: what would change, what would run, what it could touch and cost."""
