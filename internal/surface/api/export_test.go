package api

// What tests look at from outside.
var (
	ReadBody    = readBody
	ParseObject = parseObject
	FileName    = fileName
)
