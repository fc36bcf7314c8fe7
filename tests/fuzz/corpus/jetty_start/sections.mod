[
]
[]
[[xml]]
[xml
xml]
[ XML ]
a.xml
[provides]
|
|default
