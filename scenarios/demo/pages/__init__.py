"""The pages: live, messages, validation, agreements."""
