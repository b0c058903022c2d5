"""The sections of the page of a case: each says what its template shows to this post, from one reading of the facts."""
