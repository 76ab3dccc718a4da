"""Feishu and Lark as a platform: events in, cards out.

`platform` is the door. `lark_oapi` is imported by `client` alone, which is imported when the long connection
opens and not before.
"""
