// Package interaction keeps what passed between the company and its customers, and what is to be done next: calls, mails,
// messages, visits and meetings ([Interaction]), follow-up tasks of every room ([Task]), and promises made to customers
// ([Promise]).
//
// An interaction is written once, when it happened; saving it moves the customer's last contact, opens the follow-up
// task and the promise it speaks of, and marks a wrong number or a bounced address as doubtful. Outgoing messages by a
// channel the person declined, and advertising without consent, are refused: that is law (PIPL, Advertising Law art. 43),
// not a clause. Customers, contacts and consents belong to a neighbour and are met by type name only.
package interaction
