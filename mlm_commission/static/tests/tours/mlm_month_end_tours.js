import { registry } from "@web/core/registry";

// The accountant's end of a month: bills, an agent's own invoice, two currencies, a debt, a payment.

registry.category("web_tour.tours").add("mlm_month_end_bill", {
    steps: () => [
        {
            content: "One agent writes the own invoice",
            trigger: ".o_form_view .alert:contains('1 statements wait for the agent')",
        },
        {
            content: "Bill everybody else",
            trigger: "button[name=action_bill]",
            run: "click",
        },
        {
            content: "Anna's and Cleo's bills are drafts",
            trigger: ".o_list_view .o_data_row:contains('Anna')",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Cleo')",
        },
        {
            content: "Neither Ben, who did not agree, nor Dan, who owes",
            trigger: ".o_list_view:not(:contains('Ben')):not(:contains('Dan'))",
        },
        {
            content: "Back to the month",
            trigger: ".o_breadcrumb a:contains(April 2024), .o_breadcrumb .o_back_button a:contains(April 2024)",
            run: "click",
        },
        {
            content: "To its statements",
            trigger: "button[name=action_statements]",
            run: "click",
        },
        {
            content: "Dan owes: nothing is paid, the debt is carried",
            trigger: ".o_data_row:contains('Dan'):contains('Nothing to pay')",
        },
        {
            content: "Open Ben's",
            trigger: ".o_data_row .o_data_cell[name=agent_id]:contains('Ben')",
            run: "click",
        },
        {
            content: "A tenth of what the contract paid is held back",
            trigger: ".o_field_widget[name=reserve_held]:contains('10.00')",
        },
        {
            content: "Half of the sale was refunded: 80 of 160 back, 250 and 100 for the own sales",
            trigger: ".o_field_widget[name=payable]:contains('260.00')",
        },
        {
            content: "No bill is made here; Ben's own invoice is matched",
            trigger: ".o_form_statusbar:not(:has(button[name=action_bill])) button[name=action_match]",
            run: "click",
        },
        {
            content: "The invoice of this amount is proposed",
            trigger: ".modal .o_field_widget[name=invoiced]:contains('260.00')",
        },
        {
            trigger: ".modal button[name=action_match]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view .o_field_widget[name=bill_id]",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_month_end_pay", {
    steps: () => [
        {
            content: "Cleo is paid in another currency, at the rate of the last day",
            trigger: ".o_field_widget[name=payout_rate]:contains('2.000000')",
        },
        {
            trigger: ".o_field_widget[name=payout]:contains('250.00')",
        },
        {
            content: "To the bill",
            trigger: "button[name=action_view_bill]",
            run: "click",
        },
        {
            content: "It says so, too",
            trigger: ".o_form_view .o_field_widget[name=invoice_line_ids]:contains('clawed back')",
        },
        {
            content: "Pay",
            trigger: "button[name=action_register_payment]",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_create_payments]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view:contains('Paid'), body:not(:has(.modal)) .o_form_view:contains('In Payment')",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_month_end_verify", {
    steps: () => [
        {
            content: "Is everything as it was closed?",
            trigger: "button[name=action_verify]",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('4 statements are as they were closed')",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_month_end_reserve", {
    steps: () => [
        {
            content: "What is held of the contract for Anna",
            trigger: ".o_list_view .o_data_row:contains('Anna') .o_data_cell[name=balance]:contains('5.00')",
        },
        {
            content: "Choose what is held for Ben",
            trigger: ".o_list_view .o_data_row:contains('Ben'):contains('10.00') .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_control_panel button:contains('End Ahead of Time')",
            run: "click",
        },
        {
            content: "One contract, and what is held of it",
            trigger: ".modal .o_field_widget[name=amount]:contains('10.00')",
        },
        {
            content: "Nothing happens without a reason",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit He retires",
        },
        {
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The ledger says what happened, and why",
            trigger: ".o_list_view .o_data_row:contains('Ben'):contains('Released'):contains('He retires')",
        },
    ],
});
