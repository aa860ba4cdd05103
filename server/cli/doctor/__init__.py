"""`doctor`: walk the whole way of an interview as a page and the signer do, and say how to fix what is wrong."""
