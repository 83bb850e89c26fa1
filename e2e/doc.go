// Package e2e holds the journeys of people through the whole application, in a browser and over the interface.
package e2e
