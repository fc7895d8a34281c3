"""What text is to matching: folding, tokens, the grammar of clitics per language, languages and fingerprints. Pure.

Owns the words token, sentence, paragraph, core, prefix and suffix. Knows nothing of rules, terms or stores.
"""
