"""How a message authenticates: the engines. They ask questions and return results; they do no I/O."""
