module varve/slownetwork

go 1.26.0
