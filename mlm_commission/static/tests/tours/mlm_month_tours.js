import { registry } from "@web/core/registry";

// A month from the signed contract to the agent's bill, each tour by the colleague whose job it is.

registry.category("web_tour.tours").add("mlm_month_sell", {
    steps: () => [
        {
            content: "Before anything is signed the quotation tells who would earn what",
            trigger: ".o_notebook_headers a:contains('Commission')",
            run: "click",
        },
        {
            content: "E1 earns 12 percent of 1,234.56",
            trigger: ".o_mlm_preview tr:contains('Emil Engel'):contains('148.15')",
        },
        {
            content: "D1 above the difference to 18 percent",
            trigger: ".o_mlm_preview tr:contains('Dorota Duda'):contains('74.07')",
        },
        {
            content: "The customer signs",
            trigger: "button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains('Sales Order')",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_month_invoice", {
    steps: () => [
        {
            content: "Make the invoice",
            trigger: ".o_statusbar_buttons button:contains('Create Invoice')",
            run: "click",
        },
        {
            trigger: ".modal button:contains('Create Draft')",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=invoice_line_ids]",
        },
        {
            content: "The invoice knows who brought it",
            trigger: ".o_field_widget[name=mlm_agent_id]:contains('Emil Engel'), .o_field_widget[name=mlm_agent_id] input:value(Emil Engel)",
        },
        {
            content: "Post the invoice",
            trigger: "button[name=action_post]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains('Posted')",
        },
        {
            content: "The insurer pays",
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

registry.category("web_tour.tours").add("mlm_month_settle", {
    steps: () => [
        {
            trigger: "button[name=action_calculate]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains('Calculated')",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_month_close", {
    steps: () => [
        {
            trigger: "button[name=action_close]",
            run: "click",
        },
        {
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains('Closed')",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_month_bill", {
    steps: () => [
        {
            content: "74.07 and a bonus of 12.35",
            trigger: ".o_field_widget[name=payable]:contains('86.42')",
        },
        {
            trigger: "button[name=action_bill]",
            run: "click",
        },
        {
            content: "Post the bill",
            trigger: "button[name=action_post]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains('Posted')",
        },
    ],
});
