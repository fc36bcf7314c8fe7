# DO NOT EDIT
[description]
The session-store

[tags]
session

[provides]
session-store|default
x

[depends]
sessions
sessions/session-data-cache/${session-data-cache}

[xml]
etc/sessions/id-manager.xml

[ini-template]
## jetty.session=1
[ini]
db-connection-type?=datasource
