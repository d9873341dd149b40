"""What people type on the pages of the planning side."""

from django import forms


class ReceiveForm(forms.Form):
    form_token = forms.SlugField(
        max_length=40,
        error_messages={"required": "The form is incomplete. Reload the page and enter it again."},
    )
    note = forms.CharField(label="Note", max_length=300, required=False)
