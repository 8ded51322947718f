import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");

function fitsOnTheScreen(trigger) {
    return {
        content: "Nothing runs out of the phone's screen",
        trigger,
        run() {
            const { scrollWidth, clientWidth } = document.documentElement;
            if (scrollWidth > clientWidth) {
                throw new Error(`The page is ${scrollWidth} wide on a screen of ${clientWidth}`);
            }
        },
    };
}

tours.add("mlm_lead_connect", {
    url: "/odoo/lead-sources/new",
    steps: () => [
        {
            content: "A source of Google Ads",
            trigger: ".o_form_view [name='name'] input",
            run: "edit Tour Google",
        },
        ...stepUtils.saveForm(),
        {
            content: "It cannot start without its key",
            trigger: "button[name='action_start']",
            run: "click",
        },
        {
            trigger: ".modal:contains('cannot start without: Webhook key')",
        },
        {
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "Enter the key",
            trigger: ".o_notebook .nav-link[name='credentials']",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='setting_ids'] .o_data_row:contains('Webhook key') td[name='secret']",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='setting_ids'] .o_selected_row [name='secret'] input[type='password']",
            run: "edit a-key-of-the-tour-1234",
        },
        ...stepUtils.saveForm(),
        {
            content: "What was typed is not shown",
            trigger: ".o_field_widget[name='setting_ids']:not(:contains('a-key-of-the-tour-1234'))",
        },
        {
            trigger: "button[name='action_start']",
            run: "click",
        },
        {
            content: "It runs, and tells the address that Google asks for",
            trigger: ".o_field_widget[name='state'] .o_arrow_button_current:contains('Running')",
        },
        {
            trigger: ".o_field_widget[name='webhook_url']:contains('/mlm/lead/')",
        },
        {
            trigger: "button[name='action_check']",
            run: "click",
        },
        {
            content: "The self-test says in words what is good and what is missing",
            trigger: ".o_notebook .nav-link[name='check']",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='check_result'] .text-success:contains('All necessary credentials are entered')",
        },
        {
            trigger: ".o_field_widget[name='check_result'] .text-success:contains('The source is running')",
        },
        {
            trigger: ".o_field_widget[name='check_result'] .text-danger:contains('does not begin with https')",
        },
    ],
});

tours.add("mlm_lead_mend", {
    url: "/odoo/received-leads",
    steps: () => [
        {
            content: "One failed",
            trigger: ".o_list_view .o_data_row.text-danger:contains('Lead Access Manager') td[name='state']",
            run: "click",
        },
        {
            content: "It says why",
            trigger: ".o_form_view .alert-danger:contains('could not be understood'):contains('error 100')",
        },
        {
            content: "The cause is mended: try again",
            trigger: "button[name='action_retry']",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='state'] .o_arrow_button_current:contains('Waiting')",
        },
    ],
});

tours.add("mlm_lead_mended", {
    url: "/odoo/received-leads",
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row:contains('Anna Nowak'):contains('Done') td[name='state']",
            run: "click",
        },
        {
            content: "Open what it became",
            trigger: "button[name='action_open_lead']",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_notebook .nav-link[name='mlm_inquiry']",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='mlm_consent_ids'] .o_data_row:contains('Phone'):contains('Yes')",
        },
    ],
});

tours.add("mlm_lead_staff", {
    url: "/odoo/action-crm.crm_lead_action_pipeline",
    steps: () => [
        {
            content: "The salesperson sees the inquiry in the pipeline",
            trigger: ".o_kanban_record:contains('Ida Inquirer')",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_notebook .nav-link[name='mlm_inquiry']",
            run: "click",
        },
        {
            content: "Who had it, and why",
            trigger: ".o_field_widget[name='mlm_assignment_ids'] .o_data_row:contains('Tour Agent'):contains('Rule'):contains('Open')",
        },
        {
            trigger: ".o_field_widget[name='mlm_consent_ids'] .o_data_row:contains('You may call me'):contains('Yes')",
        },
        {
            content: "Called",
            trigger: "button[name='action_mlm_contacted']",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='mlm_assignment_ids'] .o_data_row:contains('Tour Agent'):contains('Contacted')",
        },
        {
            trigger: ".o_form_view:not(:has(button[name='action_mlm_contacted']))",
        },
        {
            content: "No button to erase, which is the managers'",
            trigger: ".o_form_view:not(:has(button[name='action_mlm_erase']))",
        },
    ],
});

tours.add("mlm_lead_portal", {
    url: "/my",
    steps: () => [
        {
            content: "Inquiries stand on the first page",
            trigger: ".o_portal_docs a[href='/my/leads']",
            run: "click",
            expectUnloadPage: true,
        },
        fitsOnTheScreen("table a[href^='/my/leads/']:contains('Ida Inquirer')"),
        {
            trigger: "table a[href^='/my/leads/']:contains('Ida Inquirer')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "One touch calls",
            trigger: "a.btn[href='tel:+48600100200']",
        },
        {
            content: "What was asked, and what was agreed to",
            trigger: "#wrapwrap:contains('Since when?'):contains('Monday'):contains('You may call me')",
        },
        fitsOnTheScreen("textarea[name='note']"),
        {
            content: "Write down what came out",
            trigger: "textarea[name='note']",
            run: "edit Reached, calls back on Friday",
        },
        {
            trigger: "button:contains('Save the note')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".card-body:contains('Reached, calls back on Friday')",
        },
        {
            content: "It counts as contacted",
            trigger: ".text-success:contains('Contacted')",
        },
        fitsOnTheScreen("textarea[name='note']"),
        {
            content: "Nobody waits any more",
            trigger: ".breadcrumb a[href='/my/leads']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert:contains('Nobody waits for your call')",
        },
    ],
});
