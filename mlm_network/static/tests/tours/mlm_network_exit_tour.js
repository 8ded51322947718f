import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("mlm_network_exit", {
    steps: () => [
        { content: "The network", trigger: ".o_notebook .nav-link[name='mlm_network']", run: "click" },
        { content: "Exit", trigger: "button:contains('Exit with Goods')", run: "click" },
        { content: "Why", trigger: ".modal .o_field_widget[name='reason'] input", run: "edit Notice" },
        { content: "What was bought", trigger: ".modal .o_data_row td[name='quantity']", run: "click" },
        { content: "Four come back", trigger: ".modal .o_selected_row [name='quantity'] input", run: "edit 4" },
        { content: "Leave the line", trigger: ".modal .o_field_widget[name='reason'] input", run: "click" },
        { content: "At 90 percent", trigger: ".modal .o_data_row td[name='amount']:contains('360.00')" },
        { content: "Confirm", trigger: ".modal button[name='action_apply']", run: "click" },
        { content: "The credit note", trigger: ".o_form_view .o_field_widget[name='invoice_line_ids'] .o_data_row:contains('360.00')" },
    ],
});
