// Package cli is the command line of Dianke.
//
// Each command is one small type with its flags and a Run method; [Main] reads the arguments, opens the application and
// turns an error into words and an exit code: 0 done, 1 failed or found something wrong, 2 wrong usage. Commands act as
// named parts of the program and stand so in the audit log. Their own words are English, for whoever runs the process;
// sentences of the application come in the language of the environment. The package holds no rule of the business.
package cli
