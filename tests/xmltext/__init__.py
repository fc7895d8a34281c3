"""XML from outside: what encoding it is in, what may pass to a parser, lists of feeds."""
