"""Judgement of articles by rules: terms, lists, entities, the match tree, its compilation and its evaluation. Pure:
takes data already read from files and prepared documents, returns matches, explanations and faults."""
