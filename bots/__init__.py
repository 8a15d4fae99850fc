"""Where do people talk? The conversation core and the channels."""
