"""What the tests stand on: databases, a browser, an inspecting client. No test lives here."""
