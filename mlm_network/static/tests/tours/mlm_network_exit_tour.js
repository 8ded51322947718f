import { registry } from "@web/core/registry";

const steps = () => [
    { content: "The network", trigger: ".o_notebook .nav-link[name='mlm_network']", run: "click" },
    { content: "Exit", trigger: "button:contains('Exit with Goods')", run: "click" },
    { content: "Why", trigger: ".modal .o_field_widget[name='reason'] input", run: "edit Notice" },
    { content: "Two lines were bought", trigger: ".modal .o_data_row:nth-child(2):contains('9.99')" },
    { content: "What was bought", trigger: ".modal .o_data_row:first-child td[name='quantity']", run: "click" },
    { content: "Four come back", trigger: ".modal .o_selected_row [name='quantity'] input", run: "edit 4" },
    { content: "Leave the line", trigger: ".modal .o_field_widget[name='reason'] input", run: "click" },
    { content: "At 90 percent", trigger: ".modal .o_data_row td[name='amount']:contains('360.00')" },
    { content: "Confirm", trigger: ".modal button[name='action_apply']:visible", run: "click" },
];

registry.category("web_tour.tours").add("mlm_network_exit", {
    steps: () => [
        ...steps(),
        {
            content: "The credit note",
            trigger: ".o_form_view .o_field_widget[name='invoice_line_ids'] .o_data_row:contains('360.00')",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_network_exit_phone", {
    steps: () => [
        ...steps(),
        {
            content: "The credit note",
            trigger: ".o_form_view .o_field_widget[name='invoice_line_ids'] .o_kanban_record:contains('360.00')",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_network_approve_change", {
    steps: () => [
        {
            content: "What waits for a second person",
            trigger: ".o_list_view .o_data_row:contains('Bert'):contains('To Approve') .o_data_cell[name='reason']",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name='preview']:contains('Bert: Active → Terminated')" },
        { trigger: "button[name='action_approve']:visible", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name='result']:contains('Bert: Active → Terminated')" },
    ],
});
