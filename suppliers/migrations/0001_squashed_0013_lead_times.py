import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import suppliers.fields
import suppliers.models.calendar
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models
from suppliers.tables import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('suppliers', '0001_initial'),
        ('suppliers', '0002_corrected_codes'),
        ('suppliers', '0003_exact_bytes'),
        ('suppliers', '0004_breaker'),
        ('suppliers', '0005_calls_per_minute'),
        ('suppliers', '0006_barcode_index'),
        ('suppliers', '0007_exchange_rates'),
        ('suppliers', '0008_calls_a_day'),
        ('suppliers', '0009_prices_hold'),
        ('suppliers', '0010_item_policies'),
        ('suppliers', '0011_supplier_terms'),
        ('suppliers', '0012_calendars'),
        ('suppliers', '0013_lead_times'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='Product',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('sku', models.CharField(max_length=60, unique=True)),
                    ('name', models.CharField(max_length=200)),
                    ('unit', models.CharField(default='C62', help_text='UN/ECE Recommendation 20 code; C62 is a piece.', max_length=3)),
                    ('barcode', models.CharField(blank=True, db_index=True, max_length=20)),
                    ('active', models.BooleanField(default=True)),
                    ('shelf_life_days', models.PositiveSmallIntegerField(blank=True, help_text='How long it keeps once it has arrived; empty: it does not spoil.', null=True)),
                ],
                options={
                    'ordering': ['sku'],
                },
            ),
            migrations.CreateModel(
                name='Supplier',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.SlugField(help_text='Short name used in addresses, e.g. /callbacks/<code>/.', max_length=40, unique=True)),
                    ('name', models.CharField(max_length=120)),
                    ('active', models.BooleanField(default=True, help_text='Inactive suppliers are neither planned nor ordered from.')),
                    ('currency', models.CharField(default='GBP', help_text='ISO 4217.', max_length=3)),
                    ('lead_time_days', models.PositiveSmallIntegerField(default=3, help_text='Days from order to goods on the shelf, as it states them; its working days where they are known.')),
                    ('minimum_order_value', models.DecimalField(decimal_places=2, default=0, max_digits=14, validators=[django.core.validators.MinValueValidator(Decimal('0'))])),
                    ('delivery_fee', models.DecimalField(decimal_places=2, default=0, max_digits=14, validators=[django.core.validators.MinValueValidator(Decimal('0'))])),
                    ('free_delivery_from', models.DecimalField(blank=True, decimal_places=2, help_text='Order value from which delivery is free; empty: never.', max_digits=14, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))])),
                    ('price_tolerance_percent', models.DecimalField(decimal_places=2, default=0, max_digits=5, validators=[django.core.validators.MinValueValidator(Decimal('0'))])),
                    ('quantity_tolerance_percent', models.DecimalField(decimal_places=2, default=0, max_digits=5, validators=[django.core.validators.MinValueValidator(Decimal('0'))])),
                    ('date_tolerance_days', models.PositiveSmallIntegerField(default=0)),
                    ('paused_reason', models.CharField(blank=True, editable=False, help_text='Set when the supplier refuses our credentials: its orders wait until an administrator resumes it.', max_length=300)),
                    ('down_until', models.DateTimeField(blank=True, editable=False, help_text='Left alone until then, as it does not answer.', null=True)),
                    ('failures', models.PositiveIntegerField(default=0, editable=False, help_text='Since the last answer.')),
                    ('calls_per_minute', models.PositiveSmallIntegerField(blank=True, help_text='How often all of our processes together may call it; empty: as its protocol says, else as we like.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(6000)])),
                    ('calls_per_day', models.PositiveIntegerField(blank=True, help_text='The same from midnight to midnight; a fifth of it is kept for orders, which are placed in any case.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10000000)])),
                    ('prices_valid_hours', models.PositiveSmallIntegerField(default=24, help_text='How long an answer about prices holds; after that, or when a plan needs them, they are asked again.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(8760)])),
                    ('below_minimum_surcharge', models.DecimalField(blank=True, decimal_places=2, help_text='What an order below the minimum costs more; empty: such an order is refused.', max_digits=14, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))])),
                    ('unreliability_percent', models.DecimalField(blank=True, decimal_places=2, help_text='What trouble with it costs, in percent of the goods; empty: as measured from its orders.', max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(100)])),
                ],
                options={
                    'ordering': ['name'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('minimum_order_value__gte', 0)), name='supplier_minimum_not_negative'), models.CheckConstraint(condition=models.Q(('delivery_fee__gte', 0)), name='supplier_fee_not_negative')],
                },
            ),
            migrations.CreateModel(
                name='ConnectorCall',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('operation', models.CharField(max_length=40)),
                    ('method', models.CharField(max_length=10)),
                    ('url', models.TextField()),
                    ('reference', models.CharField(blank=True, db_index=True, help_text='Our reference of the order concerned.', max_length=60)),
                    ('started_at', models.DateTimeField(db_index=True)),
                    ('duration_ms', models.PositiveIntegerField()),
                    ('status', models.PositiveSmallIntegerField(null=True)),
                    ('error', models.TextField(blank=True)),
                    ('request_body', models.BinaryField()),
                    ('response_body', models.BinaryField()),
                    ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calls', to='suppliers.supplier')),
                    ('request_size', models.PositiveIntegerField(default=0)),
                    ('response_size', models.PositiveIntegerField(default=0)),
                    ('attempt', models.PositiveSmallIntegerField(help_text='The attempt of the transfer that this call belongs to.', null=True)),
                    ('message_id', models.CharField(blank=True, help_text='Of what was sent.', max_length=200)),
                ],
                options={
                    'ordering': ['-started_at', '-pk'],
                },
            ),
            migrations.CreateModel(
                name='SupplierAccount',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('protocol', models.CharField(max_length=20)),
                    ('settings', models.JSONField(blank=True, default=dict, help_text="Values of the protocol's declared settings; no secrets.")),
                    ('allow_private_network', models.BooleanField(default=False, help_text='Allow addresses inside our own network. Needed for sandbox suppliers; leave off otherwise.')),
                    ('last_success_at', models.DateTimeField(blank=True, editable=False, null=True)),
                    ('catalogue_fetched_at', models.DateTimeField(blank=True, editable=False, null=True)),
                    ('supplier', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='account', to='suppliers.supplier')),
                ],
            ),
            migrations.CreateModel(
                name='SupplierCredential',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=40)),
                    ('value', suppliers.fields.EncryptedTextField()),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('retired_at', models.DateTimeField(blank=True, help_text='From then on the value is no longer accepted.', null=True)),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='credentials', to='suppliers.supplieraccount')),
                ],
                options={
                    'ordering': ['account', 'name', '-created_at', '-pk'],
                },
            ),
            migrations.CreateModel(
                name='SupplierProduct',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('supplier_sku', models.CharField(max_length=60)),
                    ('external_id', models.CharField(blank=True, help_text="The supplier's internal id, where its API wants one.", max_length=100)),
                    ('pack_size', models.DecimalField(decimal_places=4, default=1, max_digits=14, validators=[django.core.validators.MinValueValidator(Decimal('0.0001'))])),
                    ('minimum_quantity', models.DecimalField(decimal_places=4, default=1, max_digits=14, validators=[django.core.validators.MinValueValidator(Decimal('0.0001'))])),
                    ('lead_time_days', models.PositiveSmallIntegerField(blank=True, help_text="Empty: the supplier's lead time.", null=True)),
                    ('stock_on_offer', models.DecimalField(blank=True, decimal_places=4, help_text='Empty: the supplier does not say.', max_digits=14, null=True)),
                    ('stock_as_of', models.DateTimeField(blank=True, null=True)),
                    ('active', models.BooleanField(default=True)),
                    ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='suppliers.product')),
                    ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='products', to='suppliers.supplier')),
                    ('replaced_by', models.ForeignKey(blank=True, help_text='The code to use instead, remembered from a correction.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaces', to='suppliers.supplierproduct')),
                    ('prices_checked_at', models.DateTimeField(blank=True, editable=False, help_text='When the supplier last answered about its prices, changed or not; empty: never asked.', null=True)),
                    ('shelf_life_days', models.PositiveSmallIntegerField(blank=True, help_text="On arrival, where it is another than the product's.", null=True)),
                ],
                options={
                    'ordering': ['supplier', 'supplier_sku'],
                    'indexes': [models.Index(fields=['product', 'supplier'], name='suppliers_s_product_d64723_idx')],
                    'constraints': [models.UniqueConstraint(fields=('supplier', 'supplier_sku'), name='supplier_sku_once'), models.CheckConstraint(condition=models.Q(('pack_size__gt', 0)), name='pack_size_positive'), models.CheckConstraint(condition=models.Q(('minimum_quantity__gt', 0)), name='minimum_quantity_positive')],
                },
            ),
            migrations.CreateModel(
                name='PriceQuote',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('currency', models.CharField(max_length=3)),
                    ('fetched_at', models.DateTimeField()),
                    ('superseded_at', models.DateTimeField(blank=True, null=True)),
                    ('supplier_product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quotes', to='suppliers.supplierproduct')),
                    ('incremental', models.BooleanField(default=False, help_text='Each unit costs the price of its own tier; else all cost that of the tier the quantity reaches.')),
                ],
                options={
                    'ordering': ['-fetched_at'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('supplier_product',), name='one_quote_in_force')],
                },
            ),
            migrations.CreateModel(
                name='PriceTier',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('from_quantity', models.DecimalField(decimal_places=4, max_digits=14)),
                    ('unit_price', models.DecimalField(decimal_places=4, max_digits=14)),
                    ('quote', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tiers', to='suppliers.pricequote')),
                ],
                options={
                    'ordering': ['quote', 'from_quantity'],
                    'constraints': [models.UniqueConstraint(fields=('quote', 'from_quantity'), name='one_price_a_tier'), models.CheckConstraint(condition=models.Q(('unit_price__gte', 0)), name='tier_price_not_negative')],
                },
            ),
            migrations.CreateModel(
                name='CallWindow',
                fields=[
                    ('supplier', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='call_window', serialize=False, to='suppliers.supplier')),
                    ('calls', models.JSONField(default=list, help_text='Seconds since 1970, oldest first; of the last minute.')),
                    ('version', models.PositiveIntegerField(default=0, help_text='Rises with every call; the lock.')),
                ],
            ),
            migrations.CreateModel(
                name='ExchangeRate',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('currency', models.CharField(help_text='One unit of this ...', max_length=3)),
                    ('base', models.CharField(help_text='... is worth so much of this.', max_length=3)),
                    ('date', models.DateField()),
                    ('rate', models.DecimalField(decimal_places=12, max_digits=20)),
                    ('source', models.CharField(help_text='Who told it: a system or a file.', max_length=40)),
                    ('status', models.CharField(choices=[('accepted', 'In use'), ('held', 'Held for a person'), ('refused', 'Refused')], default='accepted', max_length=10)),
                    ('doubt', models.CharField(blank=True, help_text='Why it was held.', max_length=200)),
                    ('read_at', models.DateTimeField()),
                    ('decided_at', models.DateTimeField(null=True)),
                    ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-date', 'currency', 'source'],
                    'constraints': [models.UniqueConstraint(fields=('base', 'currency', 'date', 'source', 'status'), name='one_rate_a_day_and_source'), models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='exchange_rate_positive'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='exchange_rate_who_and_when')],
                },
            ),
            migrations.CreateModel(
                name='CallDay',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(help_text='In the time zone of the installation.')),
                    ('calls', models.PositiveIntegerField(default=0)),
                    ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='call_days', to='suppliers.supplier')),
                ],
                options={
                    'ordering': ['-day'],
                    'constraints': [models.UniqueConstraint(fields=('supplier', 'day'), name='one_call_count_a_day')],
                },
            ),
            migrations.CreateModel(
                name='CallHour',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField()),
                    ('hour', models.PositiveSmallIntegerField()),
                    ('purpose', models.CharField(choices=[('orders', 'Orders'), ('people', 'Checks people ask for'), ('answers', 'Collecting answers'), ('prices', 'Prices'), ('stock', 'Stock'), ('catalogue', 'Product list')], max_length=10)),
                    ('calls', models.PositiveIntegerField(default=0)),
                    ('put_off', models.PositiveIntegerField(default=0, help_text='How often a question was not asked any more.')),
                    ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='call_hours', to='suppliers.supplier')),
                ],
                options={
                    'ordering': ['-day', '-hour', 'purpose'],
                    'constraints': [models.UniqueConstraint(fields=('supplier', 'day', 'hour', 'purpose'), name='one_call_count_an_hour_and_purpose')],
                },
            ),
            migrations.CreateModel(
                name='SupplierReliability',
                fields=[
                    ('supplier', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='reliability', serialize=False, to='suppliers.supplier')),
                    ('since', models.DateField(help_text='Orders from then on were counted.')),
                    ('orders', models.PositiveIntegerField(help_text='Answered.')),
                    ('rejected', models.PositiveIntegerField()),
                    ('lines', models.PositiveIntegerField(help_text='Confirmed, of orders that were not rejected.')),
                    ('cut', models.PositiveIntegerField(help_text='Confirmed with less than was asked.')),
                    ('deliveries', models.PositiveIntegerField(help_text='Lines that came, or should have come by now.')),
                    ('late', models.PositiveIntegerField(help_text='After the day promised, or else asked for.')),
                    ('measured_at', models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name='ContractItem',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.CharField(help_text='Of the contract, as both sides call it.', max_length=60)),
                    ('valid_from', models.DateField()),
                    ('valid_until', models.DateField(help_text='The last day.')),
                    ('unit_price', models.DecimalField(blank=True, decimal_places=4, help_text='Counts instead of price lists; empty: price lists count.', max_digits=14, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))])),
                    ('currency', models.CharField(blank=True, help_text='Of the price; empty: that of the supplier.', max_length=3)),
                    ('share_percent', models.DecimalField(blank=True, decimal_places=2, help_text='Of what we buy of the product while the contract holds; empty: none is agreed.', max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01')), django.core.validators.MaxValueValidator(100)])),
                    ('note', models.CharField(blank=True, max_length=200)),
                    ('entered_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('supplier_product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contract_items', to='suppliers.supplierproduct')),
                ],
                options={
                    'ordering': ['supplier_product', '-valid_from', '-pk'],
                    'constraints': [models.UniqueConstraint(fields=('supplier_product', 'number', 'valid_from'), name='contract_item_once'), models.CheckConstraint(condition=models.Q(('valid_until__gte', models.F('valid_from'))), name='contract_ends_after_it_began', violation_error_message='It ends before it begins.'), models.CheckConstraint(condition=models.Q(('unit_price', None), ('unit_price__gte', 0), _connector='OR'), name='contract_price_not_negative')],
                },
            ),
            migrations.CreateModel(
                name='SourcingDecision',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('preferred', 'Preferred'), ('blocked', 'Blocked')], max_length=10)),
                    ('reason', models.CharField(help_text='Shown wherever the decision counts.', max_length=200)),
                    ('since', models.DateField(default=django.utils.timezone.localdate)),
                    ('until', models.DateField(blank=True, help_text='The last day; empty: until it is changed.', null=True)),
                    ('dearer_by_percent', models.DecimalField(blank=True, decimal_places=2, help_text='Of a preferred one: bought from as long as it is at most so much dearer; empty: at any price.', max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(500)])),
                    ('decided_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='suppliers.supplier')),
                    ('supplier_product', models.ForeignKey(blank=True, help_text='Empty: all that the supplier sells.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='suppliers.supplierproduct')),
                ],
                options={
                    'ordering': ['supplier', '-since', '-pk'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('until', None), ('until__gte', models.F('since')), _connector='OR'), name='decision_ends_after_it_began', violation_error_message='It ends before it begins.'), models.CheckConstraint(condition=models.Q(('dearer_by_percent', None), ('kind', 'preferred'), _connector='OR'), name='only_preferred_may_be_dearer', violation_error_message='Only a preferred one may be dearer.')],
                },
            ),
            migrations.CreateModel(
                name='SupplierCalendar',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('weekdays', models.CharField(default='1111111', help_text='Monday first, 1 where there is work: 1111100 is Monday to Friday.', max_length=7, validators=[django.core.validators.RegexValidator('^(?=.*1)[01]{7}$', 'Choose at least one weekday.')])),
                    ('time_zone', models.CharField(blank=True, help_text='Whose clock its cut-off times are of, e.g. Europe/London. Empty: ours.', max_length=40, validators=[suppliers.models.calendar.known_zone])),
                    ('holiday_country', models.CharField(blank=True, help_text='ISO 3166-1 alpha-2, such as GB. Empty: only the days listed are closed.', max_length=2, verbose_name='closed on public holidays of')),
                    ('holiday_region', models.CharField(blank=True, help_text='Where its holidays differ, such as SCT in GB.', max_length=10, verbose_name='region')),
                    ('supplier', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar', to='suppliers.supplier')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='SupplierClosure',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('first', models.DateField(verbose_name='first day')),
                    ('last', models.DateField(verbose_name='last day')),
                    ('name', models.CharField(max_length=80)),
                    ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='closures', to='suppliers.supplier')),
                ],
                options={
                    'ordering': ['first', 'pk'],
                    'constraints': [models.UniqueConstraint(fields=('supplier', 'first', 'last'), name='supplier_closure_once'), models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='supplier_closure_ends_after_start')],
                },
            ),
            migrations.CreateModel(
                name='DeliveryRecord',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('deliveries', models.PositiveIntegerField()),
                    ('counts', models.JSONField(help_text="How many of them, by the supplier's working days.")),
                    ('measured_at', models.DateTimeField()),
                    ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='delivery_records', to='suppliers.supplier')),
                    ('supplier_product', models.ForeignKey(help_text="Empty: all of the supplier's, each by how much it differed from what was stated.", null=True, on_delete=django.db.models.deletion.CASCADE, related_name='delivery_records', to='suppliers.supplierproduct')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('supplier_product',), name='one_delivery_record_an_offer'), models.UniqueConstraint(condition=models.Q(('supplier_product', None)), fields=('supplier',), name='one_delivery_record_a_supplier')],
                },
            ),
        ]),
    ]
