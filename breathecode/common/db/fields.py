"""Model fields for text of one line and for links: one rule for the API, the admin and a shell (rule H11).

In a migration they are Django's own fields: the columns are the same.
"""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from breathecode.common.text import has_invisible, one_line

# Generic to the type checker alone.
if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

    Field = models.Field[str | Combinable, str]
    CharField = models.CharField[str | Combinable, str]
    EmailField = models.EmailField[str | Combinable, str]
    URLField = models.URLField[str | Combinable, str]
else:
    Field, CharField, EmailField, URLField = models.Field, models.CharField, models.EmailField, models.URLField


class HttpUrlValidator(URLValidator):
    """An absolute http or https URL. Its host may be any name, including that of a private network: `https://meet/1`."""

    # A host that ends in digits is an IPv4 address.
    _NAME = r"(?![^\s/?#:]*(?<![^\s/?#:.])[0-9]+(?:[:/?#]|\Z))" + URLValidator.hostname_re + URLValidator.domain_re
    regex = re.compile(
        r"^https?://(?:[^\s:@/]+(?::[^\s:@/]*)?@)?"
        rf"(?:{URLValidator.ipv4_re}|{URLValidator.ipv6_re}|{_NAME}\.?)"
        r"(?::[0-9]{1,5})?(?:[/?#][^\s]*)?\Z",
        re.IGNORECASE,
    )
    message = _("Enter a URL that starts with http:// or https://.")
    schemes = ["http", "https"]


def validate_no_invisible(value: str) -> None:
    """Raises ValidationError for an invisible character (Unicode Cf), with which two e-mail addresses look the same."""
    if has_invisible(value):
        raise ValidationError(_("The e-mail address contains an invisible character. Type it again."), "invisible")


def clean_line(value: Any) -> Any:
    """Normalizes text with `one_line`. Text with NUL (for a validator to refuse) and other types stay."""
    return one_line(value) if isinstance(value, str) and "\x00" not in value else value


class OneLineFormField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        return super().to_python(clean_line(value))


class OneLineEmailFormField(forms.EmailField):
    def to_python(self, value: Any) -> Any:
        return super().to_python(clean_line(value))


class HttpUrlFormField(forms.URLField):
    default_validators = [HttpUrlValidator()]

    def to_python(self, value: Any) -> Any:
        return super().to_python(clean_line(value))


class OneLineMixin(Field):
    """Normalizes values when they are cleaned and written, including by `update()` and in bulk. Lookups do not."""

    form_class: type[forms.Field]

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        return super().clean(clean_line(value), model_instance)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):  # and no expression
            value = one_line(value)
            setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return super().get_db_prep_save(one_line(value) if isinstance(value, str) else value, connection)

    def formfield(self, **kwargs: Any) -> Any:  # type: ignore[override]  # as EmailField's, by keyword alone
        return super().formfield(**{"form_class": self.form_class, **kwargs})

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        (django_field,) = (base for base in type(self).__bases__ if base is not OneLineMixin)
        return name, f"django.db.models.{django_field.__name__}", args, kwargs


class OneLineCharField(OneLineMixin, CharField):
    form_class = OneLineFormField


class OneLineEmailField(OneLineMixin, EmailField):
    form_class = OneLineEmailFormField
    default_validators = [*models.EmailField.default_validators, validate_no_invisible]


class HttpUrlField(OneLineMixin, URLField):
    form_class = HttpUrlFormField
    default_validators = [HttpUrlValidator()]
