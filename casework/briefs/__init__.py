"""Briefs 日报 周报 专报: written from figures by rules, as a page and as XLSX, DOCX and PDF, archived as they were."""
