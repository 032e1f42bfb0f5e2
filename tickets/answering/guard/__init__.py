"""The guard: what it says of an answer before it goes out (`examine`). Pure: nothing here sends or stops."""
